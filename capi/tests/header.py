"""What functions domws.h has."""

import re


def functions(header):
    """The name of each that has parameters, with their types."""
    header = re.sub(r"//.*", "", header)
    found = re.findall(r"^(?:[\w ]+?[ *]+)(domws_\w+)\(([^()]*)\);", header, re.M)
    assert len(found) > 150, "the header is not as it was"
    for name, parameters in found:
        parameters = [" ".join(p.split()) for p in parameters.split(",")]
        if parameters != ["void"]:
            yield name, [re.sub(r"\w+$", "", p).strip() for p in parameters]


def nothings(types):
    """The statements that make a NULL, 0 or empty text of each type, and their names."""
    names = [f"nothing_{i}" for i in range(len(types))]
    lines = []
    for name, type_ in zip(names, types):
        lines.append(f"    {type_ if '*' in type_ else type_.removeprefix('const ')} {name};")
        lines.append(f"    memset(&{name}, 0, sizeof {name});")
    return lines, names
