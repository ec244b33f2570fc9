"""Django's settings, made from a home and the settings of the instance; nothing else is configured anywhere."""

from pathlib import Path
from typing import Any

from anstoss.brands.public import Settings
from anstoss.store.public import Home

_HERE = Path(__file__).parent
FORTNIGHT = 14 * 24 * 3600
LANGUAGES = [("de", "Deutsch"), ("en", "English")]


def values(home: Home, settings: Settings) -> dict[str, Any]:
    """What Django is configured with for this home."""
    return {
        "SECRET_KEY": home.secret().hex(),
        "DEBUG": False,
        "ALLOWED_HOSTS": [host.strip() for host in settings.allowed_hosts.split(",") if host.strip()],
        "ROOT_URLCONF": "anstoss.web.urls",
        "INSTALLED_APPS": [
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.staticfiles",
            "django_htmx",
            "anstoss.web",
        ],
        "DATABASES": {"default": _database(home)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "MIDDLEWARE": _MIDDLEWARE,
        "TEMPLATES": [_TEMPLATES],
        "AUTH_PASSWORD_VALIDATORS": [{"NAME": f"{_PASSWORDS}.{name}"} for name in _PASSWORD_CHECKS],
        "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
        "SESSION_COOKIE_AGE": FORTNIGHT,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "CSRF_COOKIE_SECURE": settings.secure_cookies,
        "LANGUAGE_COOKIE_SECURE": settings.secure_cookies,
        # Set by our own front door, the only one that can reach the socket.
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "SAMEORIGIN",
        "LOGIN_URL": "login",
        "LOGIN_REDIRECT_URL": "overview",
        "LOGOUT_REDIRECT_URL": "login",
        "LANGUAGES": LANGUAGES,
        "LANGUAGE_CODE": "en",
        "LOCALE_PATHS": [_HERE / "locale"],
        "USE_TZ": True,
        "STATIC_URL": "/static/",
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        "LOGGING_CONFIG": None,
    }


_MIDDLEWARE = [
    "anstoss.web.safety.ContentSecurity",
    "django.middleware.security.SecurityMiddleware",
    "anstoss.web.files.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "anstoss.web.frame.frame",
        ],
        "builtins": ["django.templatetags.i18n", "django.templatetags.static", "anstoss.web.tags"],
    },
}
_PASSWORDS = "django.contrib.auth.password_validation"
_PASSWORD_CHECKS = ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")


def _database(home: Home) -> dict[str, Any]:
    return {
        "ENGINE": "anstoss.web.database",
        "NAME": str(home.state_db),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON",
        },
    }
