"""A program of a company, as the tests of the API use it."""

from typing import Any

from rest_framework.test import APIClient

from tenants.models import ApiKey, Tenant

ROOT = "/api/v1/"


class Program(APIClient):
    """Speaks JSON with a key of the company; paths are those below /api/v1/."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.key, self.text = ApiKey.make(tenant, "CRM")
        super().__init__(headers={"Authorization": f"Bearer {self.text}"})

    def generic(self, method: str, path: str, *args: Any, **options: Any) -> Any:  # type: ignore[override]
        return super().generic(method, path if path.startswith("/") else ROOT + path, *args, **options)

    def send(self, path: str, data: Any = None, code: int = 200) -> Any:
        """POSTs JSON and returns the JSON of the answer, whose status must be this one."""
        return self._json(self.post(path, data, format="json"), code)

    def change(self, path: str, data: Any, code: int = 200) -> Any:
        return self._json(self.patch(path, data, format="json"), code)

    def read(self, path: str, query: Any = None, code: int = 200) -> Any:
        return self._json(self.get(path, query), code)

    @staticmethod
    def _json(response: Any, code: int) -> Any:
        assert response.status_code == code, response.content.decode()
        if code >= 400:
            assert response["Content-Type"] == "application/problem+json"
            assert response.json()["status"] == code
        return response.json()
