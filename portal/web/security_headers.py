"""The headers every answer carries. The policy allows nothing inline: no script, no style, no handler."""

from urllib.parse import urlsplit

from flask import Flask, Response, request

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
FEATURES = (
    "accelerometer autoplay browsing-topics camera display-capture encrypted-media fullscreen geolocation gyroscope "
    "magnetometer microphone midi payment picture-in-picture publickey-credentials-get screen-wake-lock usb "
    "xr-spatial-tracking"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{f}=()" for f in FEATURES.split()),
}


def install(app: Flask, *, over_tls: bool) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.vary.update(("HX-Request", "Cookie"))
        if over_tls:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response


def local_path(target: str, otherwise: str) -> str:
    """The target if it is a path on this site, else the other one: a sign-in never leads to a stranger's page."""
    parts = urlsplit(target.replace("\\", "/"))
    safe = target.startswith("/") and not target.startswith("//") and not parts.netloc and not parts.scheme
    return target if safe and "\n" not in target and "\r" not in target else otherwise


def client_address() -> str:
    return request.remote_addr or "unknown"
