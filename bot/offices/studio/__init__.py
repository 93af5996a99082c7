"""The portrait measured, cropped and sized. Enter by `load_studio`.

`faces` finds them (with the extra `ocr`), `crop` says what to cut out, `ground`, `light` and
`texture` measure what would be printed, `likeness` knows a picture again, `verdict` makes measures
and the first fault of it.
"""
