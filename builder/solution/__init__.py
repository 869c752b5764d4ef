"""What a person wants built: specs, and what becomes of them."""
