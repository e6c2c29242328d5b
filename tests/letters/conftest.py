"""A store for letters, the same one the app under test uses."""

import pytest

from portal.adapters.storage import Storage
from portal.settings import Settings


@pytest.fixture
def storage(settings: Settings) -> Storage:
    return Storage.from_url(settings.storage_url)
