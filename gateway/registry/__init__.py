"""People who report: who they are, who says so, and whether it is still them.

    DAFTAR by SMS ─▶ people.request ─▶ Registration ─▶ a person approves ─▶ Reporter `terdaftar` ─▶ ledger, one SMS
    a list (CSV, XLSX) ─▶ sheet.read_sheet (pure) ─▶ importing.plan: rows and problems ─▶ importing.apply
    `terdaftar` ─▶ long not heard of ─▶ still_you: asked ─▶ YA: confirmed · BUKAN: `berhenti` · no answer: `ragu`

Numbers and names stay in this database; the ledger gets pseudonym, role and village (promise P9). A role gives officer's
rights only while the status is `terdaftar`.
"""

from __future__ import annotations

from .people import Registry, RegistryError, request
from .still_you import answer_still_you

__all__ = ["Registry", "RegistryError", "answer_still_you", "request"]
