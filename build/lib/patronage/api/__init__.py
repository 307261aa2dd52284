"""The HTTP API over the published file: ``patronage.api.app.create_app`` makes the application."""
