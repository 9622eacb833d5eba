"""An engine that keeps how long each of its looks took."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from opensvh.inference.backends import Engine, Pooled, Values


@dataclass
class TimedEngine:
    """`seconds` of each look by `clock`: of the wall, or `time.process_time` for the processor's."""

    engine: Engine
    clock: Callable[[], float] = time.perf_counter
    seconds: list[float] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def map_stride(self) -> int:
        return self.engine.map_stride

    def look(self, image: Values) -> Pooled:
        start = self.clock()
        pooled = self.engine.look(image)
        self.seconds.append(self.clock() - start)
        return pooled
