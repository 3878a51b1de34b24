# test_keyed.py: the emulated board gets its keys from a store, pays with them, and runs every public vector of keys, blocks, MACs and signatures.
import json
from pathlib import Path

import pytest

from microtill import provisioning
from microtill.keys import opened
from microtill.show import Output
from microtill.verbs import params
from microtill.verbs.pay import pay
from microtill.verbs.vectors import vectors
from till.admin.vectors import cases

QUIET = Output(as_json=True)
VECTORS = Path(__file__).parents[1] / "vectors"
KINDS = ("tr31_d", "tr31_abcd", "pin_blocks", "rsa_pss_3072", "retail_mac", "kcv", "dukpt_tdes", "emv_key_derivation", "aes_cmac", "cmac_nist",
         "aes_cmac_wycheproof", "dukpt_aes128", "dukpt_aes128_usages", "dukpt_aes256")


def test_a_board_is_provisioned_and_pays_at_the_bank_of_the_same_store(on, tmp_path, monkeypatch):
    monkeypatch.setenv(opened.PIN, "246802")
    store = opened.init(tmp_path, "file")
    on("qemu-stm32")
    done = provisioning.provision(tmp_path, store, "MT-Q-1")
    answer = pay(tmp_path, "12.50", "visa-pin", "1234")
    assert done["firmware"] and (answer["outcome"], answer["terminal_effects"], answer["bank_effects"]) == ("approved", 1, 1)


def test_a_board_pays_with_a_pin_under_tdes_too(on, tmp_path):
    (tmp_path / "owner.toml").write_text('[host]\npin_format = "iso-0-tdes"\n')
    sent = []
    on("qemu-stm32")
    assert params.load(QUIET, tmp_path / "shop", tmp_path / "owner.toml")[0] == 0
    answer = pay(tmp_path / "shop", "12.50", "visa-pin", "1234", setup=lambda bench: bench.bank.wire.append(lambda way, data: sent.append(data)))
    assert (answer["outcome"], answer["terminal_effects"], answer["bank_effects"]) == ("approved", 1, 1)
    assert [data for data in sent if data.startswith(b"0200") and b"2001010000000000" in data and b"\xdf\x03" not in data]


@pytest.mark.parametrize("target", ["sim", "qemu-stm32"])
def test_every_public_value_of_keys_holds(on, target):
    on(target)
    files = [VECTORS / (kind + ".json") for kind in KINDS]
    status, answer = vectors(QUIET, files)
    wanted = sum(len(list(cases(json.loads(path.read_text())))) for path in files)
    assert (status, answer["failures"], answer["unknown_kind"]) == (0, [], []) and answer["passed"] == wanted > 200
