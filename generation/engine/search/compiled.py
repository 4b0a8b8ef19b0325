"""The compiled functions of one search: how they are declared, and one signature for each.

The functions themselves stand in one file a model: numba's disk cache looks at the file of the outermost function only, so a kernel
elsewhere would keep running with old copies of those it calls.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import numpy as np
from numba import njit, typeof, types
from numpy.typing import NDArray

_PLAIN_TYPES: dict[Any, Any] = {
    int: types.int64,
    float: types.float64,
    bool: types.boolean,
    NDArray[np.int32]: types.int32[::1],
    NDArray[np.float64]: types.float64[::1],
    NDArray[np.uint8]: types.uint8[::1],
}


class Kernels:
    """The kernels of a file, in its order (callees first).

    They do without numba's reference counts (nothing is allocated inside): with them each call would count every array of the
    tuples that they take. Names that begin with an underscore can be called from kernels only: half of a kernel's compiling
    would be for its door to Python.
    """

    def __init__(self) -> None:
        self._all: list[Any] = []
        self._compiling = threading.Lock()

    def jit(self, function: Callable[..., Any]) -> Any:
        """A kernel that becomes part of its callers: a call would copy the tuples, some 400 words, and take longer than most kernels."""
        return self._declared(function, forceinline=True)

    def cold(self, function: Callable[..., Any]) -> Any:
        """A kernel that is called: one that most problems do not need keeps the hot loops short so, and a long one is compiled once."""
        return self._declared(function, forceinline=False)

    def _declared(self, function: Callable[..., Any], *, forceinline: bool) -> Any:
        kernel: Any = njit(  # type: ignore[call-overload]
            nogil=True,
            cache=True,
            _nrt=False,
            forceinline=forceinline,
            no_cfunc_wrapper=True,
            no_cpython_wrapper=function.__name__.startswith("_"),
        )(function)
        self._all.append(kernel)
        return kernel

    def compile(self, examples: Mapping[Any, Any]) -> None:
        """Give each kernel one signature, the one that its annotations say; ``examples`` are values of their tuples, by their type.

        Left to itself numba compiles a function anew for each mix of int32, int64 and literal arguments.
        """
        with self._compiling:
            # The last kernel is compiled last: with a signature of its own all others have theirs. Several searches may start at once.
            if self._all[-1].signatures:
                return
            known = _PLAIN_TYPES | {kind: typeof(value) for kind, value in examples.items()}  # type: ignore[no-untyped-call]
            for kernel in self._all:
                hints = get_type_hints(kernel.py_func)
                kernel.compile(tuple(known[hint] for name, hint in hints.items() if name != "return"))
                kernel.disable_compile()
