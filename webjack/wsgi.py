"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webjack.settings")

behind = get_wsgi_application()

# Only now that Django is set up
from sources.quick import Quick  # noqa: E402

application = Quick(behind)
