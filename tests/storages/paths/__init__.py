"""An app of Django whose users have profiles."""
