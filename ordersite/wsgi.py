"""The register for a web server."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ordersite.settings")
application = get_wsgi_application()
# Every page, before the first is asked for. What has been loaded by then stays: looked through again and again for what
# may be freed, it made one page in some dozens wait for twice its time.
import_module("ordersite.urls")
gc.collect()
gc.freeze()
