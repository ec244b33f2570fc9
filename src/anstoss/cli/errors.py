"""Which errors of the rooms are answers to bad input: shown as a sentence, not as a traceback."""


def refusals() -> tuple[type[Exception], ...]:
    """Errors that say what is wrong with what was given. Imported only when something went wrong."""
    from anstoss.brands.public import IncompleteImprint, SettingsError, UnknownBrand, WrongBrand
    from anstoss.cli.instance import NoInstance
    from anstoss.log.public import LogUnavailable
    from anstoss.pulse.public import DefinitionError, EngineRuns, OtherVersion, UnknownCustomer
    from anstoss.rules.public import RuleError
    from anstoss.store.public import DocumentError
    from anstoss.warehouse.public import QuestionRefused, Unavailable

    return (
        DefinitionError,
        DocumentError,
        EngineRuns,
        FileNotFoundError,
        IncompleteImprint,
        IsADirectoryError,
        LogUnavailable,
        NoInstance,
        OtherVersion,
        PermissionError,
        QuestionRefused,
        RuleError,
        SettingsError,
        Unavailable,
        UnknownBrand,
        UnknownCustomer,
        WrongBrand,
    )
