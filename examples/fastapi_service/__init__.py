"""A SCIM 2.0 service for many tenants, on FastAPI, with SQLite or PostgreSQL. README.md has a tour."""
