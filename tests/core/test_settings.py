"""Settings: one declaration, three ways to give them, one sentence when they cannot be used."""

from __future__ import annotations

import pytest

from lookalike.settings import Settings, SettingsError, declared, is_loopback, make_settings


def test_defaults_are_the_designs():
    assert make_settings({}, {}).model_dump() == {
        "host": "127.0.0.1",
        "port": 7357,
        "tls_port": None,
        "proxy_port": None,
        "block_others": False,
        "ca_folder": None,
        "vendor": (),
        "store": "memory:",
        "snapshot_on_exit": None,
        "fixture": "demo",
        "seed": 0,
        "rate_limits": "off",
        "ports": None,
        "strict_keys": None,
        "control_token": None,
        "journal": 1000,
        "messages": 10_000,
        "lag": "0",
        "webhook_hosts": (),
        "webhook_urls": "any",
        "json_": False,
    }


EXAMPLES = {
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("0", 0),
    "tls_port": ("7443", 7443),
    "proxy_port": ("0", 0),
    "block_others": ("true", True),
    "ca_folder": ("ca", "ca"),
    "vendor": ("autosend", ("autosend",)),
    "store": ("tinydb:x.json", "tinydb:x.json"),
    "snapshot_on_exit": ("exit.json", "exit.json"),
    "fixture": ("none", "none"),
    "seed": ("7", 7),
    "rate_limits": ("vendor", "vendor"),
    "ports": ("7400", 7400),
    "strict_keys": ("keys.txt", "keys.txt"),
    "control_token": ("a-long-token", "a-long-token"),
    "journal": ("5", 5),
    "messages": ("5", 5),
    "lag": ("90", "90"),
    "webhook_hosts": ("hooks.test, 10.0.0.0/8", ("hooks.test", "10.0.0.0/8")),
    "webhook_urls": ("vendor", "vendor"),
    "json": ("true", True),
}


def test_every_setting_is_an_example():
    assert [setting.key for setting in declared()] == list(EXAMPLES)


@pytest.mark.parametrize("setting", declared(), ids=lambda setting: setting.key)
def test_every_setting_has_an_environment_twin(setting):
    text, value = EXAMPLES[setting.key]
    assert setting.variable == "LOOKALIKE_" + setting.key.upper()
    assert setting.flag == "--" + setting.key.replace("_", "-")
    made = make_settings({}, {setting.variable: text}).model_dump(by_alias=True)
    assert made[setting.key] == value
    assert setting.description.endswith(".")


def test_what_is_given_wins_over_the_environment():
    environment = {"LOOKALIKE_PORT": "1", "LOOKALIKE_SEED": "2"}
    made = make_settings({"port": "3", "seed": None}, environment)
    assert (made.port, made.seed) == (3, 2)


def test_an_empty_variable_is_none_at_all():
    assert make_settings({}, {"LOOKALIKE_PORT": ""}).port == 7357


@pytest.mark.parametrize("text", ["opensend,autosend", "opensend autosend", "opensend, autosend"])
def test_several_vendors_fit_one_variable(text):
    assert make_settings({}, {"LOOKALIKE_VENDOR": text}).vendor == ("opensend", "autosend")


@pytest.mark.parametrize(
    ("values", "begins"),
    [
        ({"port": "abc"}, "--port 'abc' cannot be used: input should be a valid integer"),
        ({"port": "65536"}, "--port '65536' cannot be used: "),
        ({"port": "-1"}, "--port '-1' cannot be used: "),
        ({"rate_limits": "maybe"}, "--rate-limits 'maybe' cannot be used: "),
        ({"host": ""}, "--host '' cannot be used: "),
        ({"control_token": "short"}, "--control-token 'short' cannot be used: "),
        ({"journal": "many"}, "--journal 'many' cannot be used: "),
        (
            {"webhook_hosts": ("http://a.test",)},
            "--webhook-hosts 'http://a.test' cannot be used: 'http://a.test' is no ",
        ),
        (
            {"lag": "soon"},
            "--lag 'soon' cannot be used: 'soon' is not a duration: write for example 8d, 1h30m or 250ms",
        ),
        ({"snapshot_on_exit": "/"}, "--snapshot-on-exit '/' cannot be used: it is a folder: name a file in it"),
        (
            {"snapshot_on_exit": "/no/such/file"},
            "--snapshot-on-exit '/no/such/file' cannot be used: nothing can be written in /no/such: ",
        ),
        ({"webhook_urls": "some"}, "--webhook-urls 'some' cannot be used: "),
        ({"json": "perhaps"}, "--json 'perhaps' cannot be used: "),
        ({"tls": "1"}, "--tls is unknown: 'lookalike serve --help' has all there are"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_flag(values, begins):
    with pytest.raises(SettingsError) as caught:
        make_settings(values, {})
    assert str(caught.value).startswith(begins)
    assert "\n" not in str(caught.value)


def test_an_unknown_vendor_is_refused_with_the_known_ones():
    with pytest.raises(SettingsError, match=r"^vendor 'nobody' is unknown: use one of autosend, opensend$"):
        Settings(vendor=("autosend", "nobody")).chosen_vendors(["autosend", "opensend"])


def test_vendors_are_chosen_in_one_order():
    assert Settings(vendor=("b", "a")).chosen_vendors(["a", "b", "c"]) == ["a", "b"]
    assert Settings().chosen_vendors(["a", "b"]) == ["a", "b"]


def test_strict_keys_are_lines_but_for_comments_and_blanks(tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text("# ours\nAS_one\n\n  AS_two~ci7  \n", encoding="utf-8")
    assert Settings(strict_keys=str(file)).read_strict_keys() == {"AS_one", "AS_two~ci7"}
    assert Settings().read_strict_keys() is None


def test_a_strict_keys_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"cannot be read: No such file or directory$"):
        Settings(strict_keys=str(tmp_path / "none")).read_strict_keys()


def test_a_strict_keys_file_that_is_no_text_is_told(tmp_path):
    file = tmp_path / "keys"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"cannot be read: not UTF-8$"):
        Settings(strict_keys=str(file)).read_strict_keys()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.168.0.1", False),
        ("localhost", True),
        ("LOCALHOST", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.0.1", False),
        ("127.evil.test", False),
        ("localhost.evil.test", False),
        ("", False),
    ],
)
def test_loopback_is_told_from_the_rest(host, loopback):
    assert is_loopback(host) is loopback
