import reflex as rx

config = rx.Config(
    app_name="bench",
    app_module_import="app",
    state_manager_mode="memory",
    telemetry_enabled=False,
    disable_plugins=[rx.plugins.SitemapPlugin],
)
