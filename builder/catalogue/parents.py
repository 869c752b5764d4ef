"""Tables without privileges of their own: who may do what with their rows follows from the parent table (docs)."""

PARENTS = {
    "activitymimeattachment": "activitypointer",
    "activityparty": "activitypointer",
    "calendarrule": "calendar",
    "contractdetail": "contract",
    "discount": "discounttype",
    "invoicedetail": "invoice",
    "listmember": "list",
    "opportunityproduct": "opportunity",
    "productpricelevel": "pricelevel",
    "queueitem": "queue",
    "quotedetail": "quote",
    "salesorderdetail": "salesorder",
    "uom": "uomschedule",
}
