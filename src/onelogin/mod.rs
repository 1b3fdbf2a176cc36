//! OneLogin's SCIM JSON template: parsed, checked against a schema, corrected, and rendered as OneLogin would send it.
