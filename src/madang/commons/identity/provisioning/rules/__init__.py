"""How SCIM is read and written: filters, patches, documents and schemas."""
