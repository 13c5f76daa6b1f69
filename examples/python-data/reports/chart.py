"""A bar for each month."""

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    import pandas as pd

SIZE = (640, 320)
MARGIN = 24


def png(table: "pd.DataFrame") -> bytes:
    taken = (table["units"] * table["price"]).groupby(table["month"]).sum()
    width, height = SIZE
    # A background that fades from top to bottom.
    fade = np.linspace(255, 225, height, dtype=np.uint8)
    image = Image.fromarray(np.repeat(fade[:, None, None], width, axis=1).repeat(3, axis=2))
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(12)
    left = np.linspace(MARGIN, width - MARGIN, len(taken) + 1)
    tops = height - MARGIN - taken.to_numpy() / taken.max() * (height - 2 * MARGIN)
    for month, x, end, y in zip(taken.index, left, left[1:], tops, strict=False):
        draw.rectangle((x, float(y), end - 6, height - MARGIN), fill=(52, 101, 164))
        draw.text((x, height - MARGIN + 4), str(month)[-2:], fill=(40, 40, 40), font=font)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()
