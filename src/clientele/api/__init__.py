"""The HTTP API over the published file: ``clientele.api.app.create_app`` makes the application."""
