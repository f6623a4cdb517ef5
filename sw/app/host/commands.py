"""What the host's commands do, each by the name of its subcommand."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sw.app.host.plan import Plan
from sw.app.host.selftest import self_test
from sw.app.host.training import train
from sw.app.links.choice import HELP, SIMULATED, open_link
from sw.common.command import Options
from sw.common.progress import ProgressLine
from sw.common.report import write_report
from sw.data.by_class import per_class, told
from sw.data.dataset import Dataset
from sw.design import lfsr
from sw.design.design import Design
from sw.design.files import load
from sw.design.frames import Kind, Status
from sw.design.hashes import circuit_hash, network_hash
from sw.design.scaling import FeatureScaling
from sw.design.slots import Slots
from sw.design.states import load_scaling, load_state, save_state, state_hash
from sw.golden.network import State
from sw.host.client import Client
from sw.host.errors import HostError
from sw.host.rates import fastest, latency_note
from sw.host.store import SampleStore
from sw.host.window import Window
from sw.sources import add_data_options, epochs_for, load_for

__all__ = ["FOLDER", "run"]

FOLDER = Path("build/host")
_LAST = 1000  # training samples whose accuracy is reported


def run(arguments: Sequence[str] | None) -> None:
    """Do what the words of a command line say."""
    options = _parser().parse_args(arguments)
    options.run(options, load(options.design))


def _parser() -> Options:
    parser = Options(prog="python -m sw.app host", description="Train and infer on a device behind a serial line.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Callable[[argparse.Namespace, Design], None], text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        one.add_argument("--design", type=Path, default=Path("designs/morse.toml"), help="design file (TOML)")
        one.add_argument("--link", default="usb", help=f"{HELP}; default: usb")
        one.add_argument("--rate", type=int, help="baud, instead of the fastest that works")
        return one

    one = add("train", _train, "train, and test what was trained")
    add_data_options(one)
    one.add_argument("--epochs", type=int, help="passes over the samples; default: the design's")
    one.add_argument("--order", choices=("file", "shuffle", "lfsr"), help="of the samples; default: the design's")
    one.add_argument("--store", action="store_true", help="from the device's sample store, at its own speed")
    one.add_argument("--bits", type=int, default=8, choices=(1, 2, 4, 8), help="of a feature in the store (8)")
    one.add_argument("--state", type=Path, help="trained state to begin with; default: the design's start")
    one.add_argument("--checkpoint", type=int, default=10_000, help="training samples between two (10000); 0: none")
    one.add_argument("--compare", action="store_true", help="every checkpoint's state with the golden model's")
    one.add_argument("--self-test", action=argparse.BooleanOptionalAction, help="before; default: on a board")
    one.add_argument("--seed", type=int, default=1, help="of data that is generated (1)")

    one = add("infer", _infer, "predict the test samples with the weights on the device")
    add_data_options(one)
    one.add_argument("--state", type=Path, help="trained state to load before; default: what the device has")
    one.add_argument("--seed", type=int, default=1, help="of data that is generated (1)")

    one = add("weights", _weights, "read the device's state into a file, or write one to it")
    group = one.add_mutually_exclusive_group(required=True)
    group.add_argument("--save", type=Path, metavar="FILE", help="npz file for weights, biases and LFSR states")
    group.add_argument("--load", type=Path, metavar="FILE", help="such a file")

    add("status", _status, "what the device says about itself, and its counters")
    add("self-test", _self_test, "compare the device with the golden model on random states and slots")
    return parser


@contextmanager
def _client(options: argparse.Namespace, design: Design) -> Iterator[Client]:
    """A session at the fastest rate that works."""
    with open_link(options.link, design) as link:
        client = Client(link, design)
        if options.rate is not None:
            link.rates = (options.rate,)
        rate = fastest(client.window)
        if options.rate not in (None, rate):
            raise HostError(f"{link.name}: {options.rate:,} baud do not work; without --rate the fastest is found")
        board, clock = _text(client.identity.board), client.identity.clock
        _tell(f"{link.name}: {board} at {clock / 1e6:g} MHz, design {design.name}, {rate:,} baud")
        if note := latency_note(client.window):
            _tell(note)
        yield client


def _train(options: argparse.Namespace, design: Design) -> None:
    for name, low in (("epochs", 1), ("checkpoint", 0)):
        value = getattr(options, name)
        if value is not None and value < low:
            raise HostError(f"{name} must be at least {low}, got {value}")
    folder = FOLDER / design.name
    (folder / "report.json").unlink(missing_ok=True)
    start, scaling = _start(options, design)
    data = _data(options, design, scaling)
    epochs = epochs_for(
        design, len(data.xtr), source=options.data, train=options.train, epochs=options.epochs
    )
    with _client(options, design) as client:
        if options.self_test or (options.self_test is None and options.link not in SIMULATED):
            passed = self_test(client)
            _tell(f"self-test passed: {passed.results:,} results and {passed.values:,} weights and biases equal")
        store, xtr, xte = None, data.xtr, data.xte
        order = options.order or design.training.order
        if options.store:
            store = SampleStore(client, options.bits)
            if order == "shuffle":
                if options.order:
                    raise HostError("the sample store has the orders file and lfsr, got shuffle")
                order = "lfsr"
            with ProgressLine("upload") as line:
                store.upload(xtr, data.ytr, line)
            xtr, xte = store.stored(xtr), store.stored(xte)
        plan = Plan(design, xtr, data.ytr, order, epochs, options.checkpoint)
        _tell(f"data {data.name}: {len(xtr):,} training samples x {epochs} epochs in {order} order")
        path = folder / "state.npz"
        with ProgressLine("training") as line:
            trained = train(
                client, plan, start, path, scaling=data.scaling, store=store, compare=options.compare, progress=line,
                tell=_tell,
            )
        right = _test(client, xte, data.yte)
        state = trained.state
        figures = {
            "design": design.name, "link": options.link, "board": _text(client.identity.board),
            "clock_mhz": client.identity.clock / 1e6, "baud": client.window.link.rate,
            "data": data.name, "train": len(xtr), "epochs": epochs, "order": order,
            "store_bits": options.bits if store else None,
            "slots_of_this_run": trained.slots,
            "samples_per_second": round(trained.slots / trained.seconds, 1),
            "train_accuracy_last_1000": _share(trained.correct[-_LAST:]),
            "test_accuracy": _share(right),
            "equal_to_golden_model": True if trained.compared else None,
            "state": str(path), "state_hash": state_hash(state.weights, state.biases, state.lfsr),
        }
    write_report(folder / "report.json", figures, {
        "store_bits": "samples came over the line",
        "train_accuracy_last_1000": "results are only counted in a run from the store",
        "test_accuracy": "there are no test samples",
        "equal_to_golden_model": "not compared (--compare)",
    })
    _tell(f"trained {trained.slots:,} samples, {trained.slots / trained.seconds:,.0f} per second")
    if trained.compared:
        _tell("every checkpoint's state is equal to the golden model's")
    _tell_test(data, right)
    _tell(f"state: {path}; report: {folder / 'report.json'}")


def _infer(options: argparse.Namespace, design: Design) -> None:
    scaling = load_scaling(options.state) if options.state else None
    state = load_state(options.state, design)[1:] if options.state else None
    data = _data(options, design, scaling)
    with _client(options, design) as client:
        if state:
            client.load(*state)
        elif options.link in SIMULATED:
            _tell(f"the device {options.link} begins with every command: these are untrained weights; see --state")
        _tell_test(data, _test(client, data.xte, data.yte))


def _weights(options: argparse.Namespace, design: Design) -> None:
    state = load_state(options.load, design)[1:] if options.load else None
    with _client(options, design) as client:
        if state:
            with ProgressLine("writing", "values") as line:
                client.load(*state, line)
            if not client.matches(*state):
                raise HostError(f"{client.window.link.name}: what was written is not what the device holds")
            _tell(f"{options.load} is on the device, state {state_hash(*state)}")
        else:
            weights, biases, states = client.state()
            save_state(options.save, design, weights, biases, states)
            _tell(f"{options.save}: state {state_hash(weights, biases, states)}")


def _status(options: argparse.Namespace, design: Design) -> None:
    with open_link(options.link, design) as link:
        window = Window(link)
        found = window.open()
        status = Status.unpack(window.ask(Kind.STATUS))
        _tell(f"{link.name}: board {_text(found.board)}, {found.clock / 1e6:g} MHz, protocol {found.protocol}")
        _tell(f"design {_text(found.design)}: network {found.network_hash.hex()}, circuit {found.circuit_hash.hex()}")
        same = found.network_hash.hex() == network_hash(design), found.circuit_hash.hex() == circuit_hash(design)
        _tell({
            (True, True): f"that is {options.design}",
            (True, False): f"that is the network of {options.design} in another circuit, which computes the same",
        }.get(same, f"that is not {options.design}, which is network {network_hash(design)}"))
        _tell(f"{found.inputs} features, {found.classes} classes, {found.clocks} clocks per slot, up to "
              f"{found.clock / found.clocks:,.0f} samples per second")
        _tell(f"store: {found.store_words:,} words of {found.word_bytes} features, {found.store_samples:,} labels")
        _tell(f"results {status.slots:,}, correct {status.correct:,}, dropped frames {status.dropped:,}, "
              f"run of the store: {f'{status.store_left:,} slots left' if status.running else 'none'}")


def _self_test(options: argparse.Namespace, design: Design) -> None:
    with _client(options, design) as client:
        passed = self_test(client)
    _tell(f"self-test passed: {passed.results:,} results and {passed.values:,} weights and biases equal")


def _start(options: argparse.Namespace, design: Design) -> tuple[State, FeatureScaling | None]:
    path = options.state or (options.design.parent / design.training.start if design.training.start else None)
    if path:
        return State(*load_state(path, design)[1:]), load_scaling(path)
    biases = [np.zeros(j.right, np.int64) for j in design.junctions]
    return State(design.initial_weights(), biases, [lfsr.seeds(j.index, j.z) for j in design.junctions]), None


def _data(options: argparse.Namespace, design: Design, scaling: FeatureScaling | None) -> Dataset:
    return load_for(
        design, options.data, train=options.train, test=options.test, seed=options.seed, label=options.label,
        scaling=scaling,
    )


def _test(client: Client, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Of each test sample, whether it was predicted right."""
    with ProgressLine("testing") as line:
        return client.run(Slots.infer(features, labels), activations=False, progress=line).correct


def _tell_test(data: Dataset, right: np.ndarray) -> None:
    if len(right):
        _tell(f"test accuracy {right.mean():.2%} ({right.sum():,} of {len(right):,})")
        _tell(told(per_class(data.class_names, data.yte, right)))


def _share(correct: np.ndarray) -> float | None:
    return round(float(correct.mean()), 6) if len(correct) else None


def _text(padded: bytes) -> str:
    return padded.rstrip(b"\0").decode("ascii", "replace")


def _tell(text: str) -> None:
    print(text, flush=True)
