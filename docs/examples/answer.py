#!/usr/bin/env python3
"""The answer for a capture, from Python: answer.py CAPTURE [LIBRARY]. Structures are not described again
here: those that the library fills get more zeroed room than they need, and the report is read as JSON."""
import ctypes
import json
import sys

ROOM = 1 << 16  # bytes: more than struct rnet_assessment and struct rnet_error have

library = ctypes.CDLL(sys.argv[2] if len(sys.argv) > 2 else "libruralnet.so.0")
library.rnet_profile_get_summary.restype = ctypes.c_void_p


class Report(ctypes.Structure):
    """struct rnet_report: what is not given stays NULL."""
    _fields_ = [(name, ctypes.c_void_p) for name in ("profile", "assessment", "timeline", "made_by", "confinement")]


def answer(path):
    capture, profile, text = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    length = ctypes.c_size_t()
    assessment, error = ctypes.create_string_buffer(ROOM), ctypes.create_string_buffer(ROOM)

    def check(status):
        if status < 0:
            sys.exit(f"answer.py: {path}: status {status}")

    check(library.rnet_capture_open(path.encode(), None, ctypes.byref(capture), error))
    check(library.rnet_observe(capture, None, ctypes.byref(profile), error))
    library.rnet_capture_close(capture)
    check(library.rnet_assess(profile, None, assessment, error))
    report = Report(library.rnet_profile_get_summary(profile), ctypes.addressof(assessment))
    check(library.rnet_report_json(ctypes.byref(report), ctypes.byref(text), ctypes.byref(length)))
    result = json.loads(ctypes.string_at(text, length.value))
    library.rnet_report_free(text)
    library.rnet_assessment_clear(assessment)
    library.rnet_profile_free(profile)
    return result


for link in answer(sys.argv[1])["links"]:
    print(f"{link['name']}: {link['sentence']}")
