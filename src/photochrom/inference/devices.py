"""What computes a model: the CPU, or what else ONNX Runtime was installed for."""

from __future__ import annotations

from photochrom.errors import WrongInput
from photochrom.registry import suggestion

CPU = "CPUExecutionProvider"
PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "migraphx": "MIGraphXExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
}
"""ONNX Runtime's names of all but the CPU."""

_BEST = ("cuda", "migraphx", "rocm", "directml", "coreml")
"""What "auto" tries, the best first; others take minutes to begin, or are no faster."""
_EIGHT_BITS = (b"QLinearConv", b"ConvInteger", b"DequantizeLinear")


def devices_here() -> list[str]:
    """The devices that the installed ONNX Runtime has; "cpu" comes last."""
    import onnxruntime

    there = onnxruntime.get_available_providers()
    return [name for name, provider in PROVIDERS.items() if provider in there] + ["cpu"]


def check_device(device: str) -> None:
    """Raise :class:`WrongInput` for a device that does not exist, or is not here."""
    if device in ("auto", "cpu"):
        return
    here = devices_here()
    if device in here:
        return
    there = f"here are: {', '.join(['auto', *here])}"
    if device in PROVIDERS:
        message = f"the installed ONNX Runtime has no {device}; {there}"
        if device == "cuda":
            message += " (install onnxruntime-gpu in place of onnxruntime)"
        raise WrongInput(message)
    known = ["auto", "cpu", *PROVIDERS]
    near = suggestion(str(device), known)
    message = f"no device named {device!r}; {near if near.startswith('did') else there}"
    raise WrongInput(message)


def devices_for(device: str, model: bytes) -> list[str]:
    """The devices other than the CPU to try for a model's file, in their order.

    "auto" leaves models that compute in 8 bits to the CPU, which is made for them: elsewhere each
    of their steps is carried there and back.
    """
    if device != "auto":
        return [] if device == "cpu" else [device]
    if any(step in model for step in _EIGHT_BITS):
        return []
    here = devices_here()
    return [name for name in _BEST if name in here]
