"""How gunicorn serves the register. It reads this file by itself when started in this folder.

Workers are asynchronous (gevent): a client that sends slowly, or nothing, holds a connection and no more, so many of
them do not keep anybody out. What a client may send in its head is limited, and the database has a pool, because there
may be more requests than connections.
"""

import os

worker_class = "gevent"
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
worker_connections = 1000
keepalive = 5
timeout = 60
graceful_timeout = 30
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
os.environ.setdefault("DATABASE_POOL", "8")
