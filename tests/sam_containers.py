"""For SAM CLI's own environment: what `sam local` would start each function's container with."""

import json
import sys
from pathlib import Path

from samcli.cli.types import CfnParameterOverridesType  # type: ignore[import-not-found]
from samcli.commands.local.lib.local_lambda import (  # type: ignore[import-not-found]
    LocalLambdaRunner,
)
from samcli.lib.providers.sam_function_provider import (  # type: ignore[import-not-found]
    SamFunctionProvider,
)
from samcli.lib.providers.sam_stack_provider import (  # type: ignore[import-not-found]
    SamLocalStackProvider,
)


def main(template: str, variables: str, parameters: str) -> None:
    """Print each function's environment, processor and layers, as JSON."""
    overrides = CfnParameterOverridesType().convert(f"file://{parameters}", None, None)
    stacks, _ = SamLocalStackProvider.get_stacks(template, parameter_overrides=overrides)
    provider = SamFunctionProvider(stacks)
    runner = LocalLambdaRunner(
        local_runtime=None,
        function_provider=provider,
        cwd=str(Path(template).parent),
        aws_profile=None,
        aws_region="us-east-1",
        real_path="",
        env_vars_values=json.loads(Path(variables).read_bytes()),
    )
    configs = {each.name: runner.get_invoke_config(each) for each in provider.get_all()}
    found = {
        name: {
            "environment": each.env_vars.resolve(),
            "architecture": each.architecture,
            "layers": [layer.name for layer in each.layers],
        }
        for name, each in configs.items()
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
