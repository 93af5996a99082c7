"""What the city's people wrote, examined before anybody is served: profile, texts, FAQ, notices,
privacy notice, forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.app import forms
from bot.dialogue.form import Form
from bot.dialogue.form_checks import FormFault, check_form
from config.city import City, CityFault, load_city
from config.city_menu import menu_keys
from config.faq import Faq, FaqFault
from config.locales import LOCALES, LocaleFault, Texts
from config.locales.longest import longest_values
from config.privacy import PrivacyFault, PrivacyNotices, folder_of
from config.reasons import Reason, ReasonFault, load_reasons, sentence_faults
from config.reasons import file_of as reasons_file
from config.settings import Settings, environment_name
from config.templates import TemplateFault, Templates
from handlers.talks import router


@dataclass(frozen=True)
class Examined:
    """One thing that was read: what it is when it is well, or a sentence for every fault."""

    found: str
    faults: list[str] = field(default_factory=list)


def content_faults(settings: Settings) -> list[str]:
    """A sentence for everything that keeps this content from being served; empty when it may be."""
    return [fault for part in examine(settings) for fault in part.faults]


def examine(settings: Settings) -> Iterator[Examined]:
    """Read everything. What the profile's faults hide is examined with the shipped city, so that
    all faults are told at once."""
    name, given = environment_name("city"), settings.city
    read: list[City] = []
    faults = _faults(name, lambda: read.append(load_city(given)))
    city = read[0] if read else load_city()
    told = f"city {city.name}: {len(city.branches)} branches of {len(city.banks)} banks"
    yield Examined(f"{told} ({name}={given})" if given else f"{told} (the shipped one)", faults)
    filled = f" (filled from {name})" if given and read else ""
    yield from _written(settings, city, filled)


def _written(settings: Settings, city: City, filled: str) -> Iterator[Examined]:
    texts: list[Texts] = []
    faults = _faults("texts", lambda: texts.append(Texts.load(city)))
    yield Examined(f"texts in {len(LOCALES)} languages", faults)
    answers: list[Faq] = []
    faults = _faults(f"FAQ{filled}", lambda: answers.append(Faq.load(city)))
    known = answers[0].intents() if answers else frozenset()
    yield Examined(f"FAQ: {len(known)} answers", faults)
    if answers:
        yield _menu(city, known)
    worded: list[Templates] = []
    faults = _faults(f"notices{filled}", lambda: worded.append(Templates.load(city)))
    yield Examined(f"notices: {len(worded[0].names()) if worded else 0} in every wording", faults)
    yield _reasons(settings, texts)
    yield _privacy(settings, city)
    for form in forms(settings).values() if texts else ():
        faults = [
            fault
            for channel in ("", *texts[0].channels())
            for fault in _misfits(form, texts[0], channel, city, filled)
        ]
        yield Examined(f"form {form.name}: {len(form.steps)} steps fit their texts", faults)


def _reasons(settings: Settings, texts: list[Texts]) -> Examined:
    """Every reason to send an application back can be told in every language."""
    read: list[Mapping[str, Reason]] = []
    faults = _faults("reasons", lambda: read.append(load_reasons(reasons_file(settings.city))))
    if read and texts:
        faults += [f"reasons: {fault}" for fault in sentence_faults(read[0], texts[0])]
    return Examined(f"reasons: {len(read[0]) if read else 0} to send back or refuse", faults)


def _privacy(settings: Settings, city: City) -> Examined:
    """Every version that anybody consented to can be shown as it was."""
    kept: list[PrivacyNotices] = []
    folder = folder_of(settings.city)
    faults = _faults("privacy notice", lambda: kept.append(PrivacyNotices.load(city, folder)))
    versions = len(kept[0].all) if kept else 0
    return Examined(f"privacy notice: {versions} version(s), now {city.notice_version}", faults)


def _misfits(form: Form, texts: Texts, channel: str, city: City, filled: str) -> list[str]:
    """What does not fit of a form as one channel says it."""
    where = f" in {channel}" if channel else ""
    wording, longest = texts.in_channel(channel), longest_values(city)
    return _faults(f"form {form.name}{where}{filled}", lambda: check_form(form, wording, longest))


def _menu(city: City, answered: frozenset[str]) -> Examined:
    """Every button says something that the bot acts on."""
    known = answered | router(lambda text, at_least: [], lambda turn, intent: None).intents()
    keys = menu_keys(city.menu)
    faults = [f"menu: nobody answers the key {key}" for key in keys if key not in known]
    return Examined(f"menu: {len(city.menu)} buttons, {len(keys)} intents", faults)


def _faults(what: str, read: Callable[[], object]) -> list[str]:
    """The faults of one reading, each with `what` before it."""
    try:
        read()
    except (CityFault, FormFault) as fault:
        return [f"{what}: {line}" for line in fault.faults]
    except (LocaleFault, FaqFault, TemplateFault, PrivacyFault, ReasonFault) as fault:
        return [f"{what}: {line}" for line in str(fault).splitlines()]
    except OSError as fault:
        return [f"{what}: {fault.strerror}: {fault.filename}"]
    except ValueError as fault:  # no TOML, no UTF-8, a brace that does not close
        return [f"{what}: {fault}"]
    return []
