"""The portal does not start on settings that are unknown, missing or unsafe, and says what to change."""

from pathlib import Path

import pytest

from portal.settings import SettingsProblem, read_settings

GOOD = {
    "EVENBAR_DATABASE_URL": "sqlite:////tmp/x.db",
    "EVENBAR_SECRET_KEY": "0f4b7c1d9e2a8365b7c1d9e2a8365f4b",
    "EVENBAR_STORAGE_URL": "file:///tmp/store",
}


def test_good_settings_are_read() -> None:
    settings = read_settings({**GOOD, "EVENBAR_TRUSTED_HOSTS": "a.example, b.example", "PATH": "/bin"})
    assert settings.trusted_hosts == ("a.example", "b.example")
    assert not settings.demo


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"EVENBAR_DATABASE_URL": None}, "EVENBAR_DATABASE_URL"),
        ({"EVENBAR_SECRET_KEY": "short"}, "EVENBAR_SECRET_KEY"),
        ({"EVENBAR_SECRET_KEY": "a" * 40}, "guessable"),
        ({"EVENBAR_SECRET_KEY": "changeme-changeme-changeme-0123456789"}, "guessable"),
        ({"EVENBAR_DATABASE": "x"}, "unknown setting: EVENBAR_DATABASE"),
        ({"EVENBAR_TRUSTED_HOSTS": " , "}, "TRUSTED_HOSTS is empty"),
        ({"EVENBAR_BASE_URL": "http://portal.example"}, "plain HTTP"),
        ({"EVENBAR_PROXIES": "many"}, "EVENBAR_PROXIES"),
        ({"EVENBAR_SECRET_KEY_FILE": "/nowhere/secret"}, "cannot read /nowhere/secret"),
    ],
)
def test_bad_settings_are_refused_with_their_name(change: dict[str, str | None], told: str) -> None:
    environment = {k: v for k, v in {**GOOD, **change}.items() if v is not None}
    with pytest.raises(SettingsProblem, match=told):
        read_settings(environment)


def test_a_secret_is_never_shown() -> None:
    assert GOOD["EVENBAR_SECRET_KEY"] not in repr(read_settings(GOOD))


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    file, secret = tmp_path / "evenbar.toml", tmp_path / "secret"
    secret.write_text(GOOD["EVENBAR_SECRET_KEY"] + "\n")
    file.write_text(f'database_url = "sqlite:////a.db"\nstorage_url = "file:///a"\nsecret_key_file = "{secret}"\n')
    settings = read_settings({"EVENBAR_CONFIG": str(file), "EVENBAR_STORAGE_URL": "file:///b"})
    assert (settings.database_url, settings.storage_url) == ("sqlite:////a.db", "file:///b")
    assert settings.secret_key == GOOD["EVENBAR_SECRET_KEY"]


def test_a_file_that_is_not_toml_is_refused_by_name(tmp_path: Path) -> None:
    file = tmp_path / "evenbar.toml"
    file.write_text("not = = toml")
    with pytest.raises(SettingsProblem, match=r"evenbar\.toml is not TOML"):
        read_settings({"EVENBAR_CONFIG": str(file)})
