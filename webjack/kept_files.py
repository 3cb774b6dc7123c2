"""Files that people and programs send: no more of one lies on our disk than any page could want.

Also of strangers': the check against forged forms reads them before anybody asks who it is.
"""

from typing import Any

from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES = 16 * 1024 * 1024
"""Kept of each; more than the pages take, who by its true size tell that it is too large."""


class Bounded(TemporaryFileUploadHandler):
    kept = 0

    def new_file(self, *told: Any, **more: Any) -> None:
        self.kept = 0
        super().new_file(*told, **more)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        taken = raw_data[: MOST_BYTES - self.kept]
        self.kept += len(taken)
        super().receive_data_chunk(taken, start)
