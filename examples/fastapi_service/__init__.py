"""A SCIM 2.0 service of many tenants on FastAPI, with SQLite or PostgreSQL below. README.md has a tour."""
