"""Several ONNX graphs side by side in one, fed by the same inputs, and nodes added behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

OPSET = 18
"""The least version of operators: below, axes of reductions are written in another way."""


class JoinedGraph:
    """Graphs joined under one roof; values are known by the names that methods return."""

    def __init__(self, opset: int) -> None:
        """``opset`` is the version of ONNX's operators that all of it will have, or ``OPSET``."""
        self.opset = max(opset, OPSET)
        self._ir_version = 0
        self._domains: dict[str, int] = {}
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def attach(self, proto: Any, prefix: str, feeds: dict[str, str]) -> dict[str, str]:
        """Copy a model in, its names prefixed, its inputs those of the values in ``feeds``.

        Returns the new names of everything in its graph by the old ones.
        """
        from onnx import compose, inliner, version_converter

        if proto.functions:
            proto = inliner.inline_local_functions(proto)
        versions = {o.domain: o.version for o in proto.opset_import}
        if versions.pop("", self.opset) != self.opset:
            proto = version_converter.convert_version(proto, self.opset)
        inner = compose.add_prefix(proto, prefix)
        wiring = {prefix + name: value for name, value in feeds.items()}
        _rename_inputs(inner.graph, wiring)
        for domain, version in versions.items():
            self._domains[domain] = max(version, self._domains.get(domain, 0))
        self._ir_version = max(self._ir_version, proto.ir_version)
        self._nodes.extend(inner.graph.node)
        self._weights.extend(inner.graph.initializer)
        made = {name for node in proto.graph.node for name in node.output if name}
        return {n: prefix + n for n in made | {t.name for t in proto.graph.initializer}} | feeds

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Append a node with one output; returns that value."""
        from onnx import helper

        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """A constant array."""
        from onnx import numpy_helper

        name = f"constant_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def resize_like(self, value: str, reference: str) -> str:
        """``(N, C, h, w)`` bilinearly at the height and width of ``reference``."""
        kept = self.add("Shape", value, start=0, end=2)
        size = self.add("Concat", kept, self.add("Shape", reference, start=2), axis=0)
        return self.add("Resize", value, "", "", size, mode="linear")

    def weighted_sum(self, values: list[str], weights: np.ndarray) -> str:
        """Sum of values times weights."""
        terms = [
            self.add("Mul", value, self.constant(weight))
            for value, weight in zip(values, weights, strict=True)
        ]
        return self.add("Sum", *terms)

    def model(
        self,
        inputs: Mapping[str, tuple[int | str, ...]],
        outputs: Mapping[str, tuple[int | str, ...]],
        values: dict[str, str],
    ) -> Any:
        """The whole as an ONNX model.

        Args:
            inputs: shape of every input; words in it are sizes left open.
            outputs: shape of every output.
            values: for every output the value that it gives.
        """
        from onnx import TensorProto, helper

        named = [
            helper.make_node("Identity", [value], [name], name=name)
            for name, value in values.items()
        ]
        nodes = _needed([*self._nodes, *named], set(outputs))
        used = {name for node in nodes for name in _inputs(node)}
        graph = helper.make_graph(
            nodes,
            "ensemble",
            *(
                [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items()]
                for shapes in (inputs, outputs)
            ),
            [tensor for tensor in self._weights if tensor.name in used],
        )
        opsets = [helper.make_opsetid(d, v) for d, v in {"": self.opset, **self._domains}.items()]
        return helper.make_model(
            graph,
            opset_imports=opsets,
            ir_version=max(self._ir_version, 10),
            producer_name="photochrom",
        )


def _subgraphs(node: Any) -> Iterator[Any]:
    """Graphs inside a node: the branches of a condition, the body of a loop."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _inputs(node: Any) -> Iterator[str]:
    """Values that a node takes, those that graphs inside it take from outside among them."""
    yield from node.input
    for graph in _subgraphs(node):
        yield from (output.name for output in graph.output)
        for inner in graph.node:
            yield from _inputs(inner)


def _rename_inputs(graph: Any, names: dict[str, str]) -> None:
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = names.get(name, name)
        for inner in _subgraphs(node):
            _rename_inputs(inner, names)


def _needed(nodes: list[Any], outputs: set[str]) -> list[Any]:
    """The nodes, in order, without which the outputs could not be computed."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted.update(_inputs(node))
            kept.append(node)
    return kept[::-1]
