# vectors.py: runs vector files through the device's own code. Raises UnknownKind; a case that does not hold is a reason, never an error.
from till.core.errors import TillError

# kind -> (module under till.admin, its function); imported when first needed
KINDS = {
    "aes_cmac": ("vectors_crypto", "aes_cmac"),
    "cmac_nist": ("vectors_crypto", "cmac_nist"),
    "aes_cmac_wycheproof": ("vectors_crypto", "wycheproof"),
    "dukpt_aes128": ("vectors_crypto", "dukpt_aes128"),
    "dukpt_aes128_usages": ("vectors_crypto", "dukpt_usages"),
    "dukpt_aes256": ("vectors_crypto", "dukpt_aes256"),
    "kcv": ("vectors_crypto", "kcv"),
    "tr31_d": ("vectors_keys", "tr31_blocks"),
    "tr31_abcd": ("vectors_keys", "tr31_blocks"),
    "pin_blocks": ("vectors_keys", "pin_blocks"),
    "rsa_pss_3072": ("vectors_keys", "rsa_pss"),
    "retail_mac": ("vectors_keys", "retail"),
    "dukpt_tdes": ("vectors_keys", "tdes_dukpt"),
    "emv_key_derivation": ("vectors_keys", "card_keys"),
    "ber_tlv": ("vectors_cards", "ber_tlv"),
    "dol": ("vectors_cards", "dol"),
    "cvm_list": ("vectors_cards", "cvm_list"),
    "luhn_mask": ("vectors_cards", "luhn_mask"),
    "crc_14443": ("vectors_cards", "crc_14443"),
    "iso8583_1987": ("vectors_wire", "iso8583"),
    "pn532_frames": ("vectors_wire", "pn532"),
    "escpos": ("vectors_wire", "escpos"),
}
# Parts of a document that hold cases, in the order in which they run. All other parts are its head.
SECTIONS = ("messages", "cases", "keys", "transactions", "update_keys", "counter_rules", "pans", "frames", "odd", "sequences", "status",
            "blocks", "signatures", "reject")
_HEADS = {"rsa_pss_3072": ("keys",)}    # what is a section elsewhere, and here belongs to every case
_REMARKS = ("source", "note")


class UnknownKind(TillError):
    """No check knows this kind of vector file; it is reported, never passed."""
    code = "V01"


class Differs(Exception):
    """A case does not hold; args[0] says what differs. Raised by the checks, caught by run."""


def expect(got, wanted, what):
    """Raises Differs(what) unless the two are equal."""
    if got != wanted:
        raise Differs(what)


def only(case, *names):
    """Raises Differs where `case` holds a value that its check would not look at."""
    for name in case:
        if name not in names and name not in _REMARKS and name not in ("why", "name"):
            raise Differs("unknown value " + name)


def _check_of(kind):
    if kind not in KINDS:
        raise UnknownKind
    module, name = KINDS[kind]
    return getattr(__import__("till.admin." + module, None, None, (name,)), name)


def sections(document):
    """The names of its parts that hold cases."""
    held = _HEADS.get(document.get("kind"), ())
    return [section for section in SECTIONS if section not in held]


def cases(document):
    """Yields (name, section, case) for each case of a vector document, a dict as json gives it."""
    first = document.get("at", 0)
    for section in sections(document):
        held = document.get(section, ())
        if isinstance(held, dict):
            held = (held,)
        for i, case in enumerate(held):
            name = "%s %d" % (section, first + i)
            if isinstance(case, dict) and "name" in case:
                name += " " + case["name"]
            yield name, section, case


def check(document, section, case):
    """None where `case` of `section` holds, or why it does not. `document` may hold its head alone. Raises UnknownKind."""
    run_one = _check_of(document.get("kind"))
    try:
        run_one(document, section, case)
    except Differs as why:
        return str(why)
    except TillError as why:
        return why.code + " " + " ".join(str(word) for word in why.args)
    except KeyError as why:
        return "no " + str(why)
    except (ValueError, TypeError, AttributeError) as why:      # a document that is not laid out as its kind is
        return "not readable: " + str(why)
    return None


def run(document):
    """(cases that held, [(name, why)] of those that did not). Raises UnknownKind; a document without cases is a failure."""
    _check_of(document.get("kind"))
    passed, failures = 0, []
    for name, section, case in cases(document):
        why = check(document, section, case)
        if why is None:
            passed += 1
        else:
            failures.append((name, why))
    for part in document:
        if part not in SECTIONS and isinstance(document[part], (list, dict)):
            failures.append((part, "no check looks at it"))
    if not passed and not failures:
        failures.append(("document", "holds no case"))
    return passed, failures


def split(document):
    """The document as a list of documents of one case each, for a board that cannot hold it whole. `at` keeps a case's number."""
    head, parts = {}, sections(document)
    for part in document:
        if part not in parts and part not in _REMARKS:
            head[part] = document[part]
    pieces = []
    for section in parts:
        held = document.get(section, ())
        if isinstance(held, dict):
            pieces.append(_piece(head, section, 0, held))
        else:
            for i, case in enumerate(held):
                pieces.append(_piece(head, section, i, [case]))
    return pieces


def _piece(head, section, at, held):
    piece = dict(head)
    piece[section] = held
    if at:
        piece["at"] = at
    return piece
