"""How deep Hypothesis digs: RULES_EXAMPLES sets the number of examples of each property."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "rules",
    max_examples=int(os.environ.get("RULES_EXAMPLES", "40")),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
