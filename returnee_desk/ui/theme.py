"""How everything looks: colours, type and metrics as tokens, one palette and one stylesheet made from them.

Nothing else in `ui` names a colour or a size of type. Contrast of every text colour on every surface it
stands on is at least 4.5 (a test computes it). Sizes of type follow one setting, 90 to 200 per cent.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from string import Template
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

SMALLEST, LARGEST = 90, 200
STEPS = (90, 100, 115, 130, 150, 175, 200)


class Colours(NamedTuple):
    """One meaning each: see the docstring of `LIGHT`."""

    window: str
    card: str
    selected: str
    line: str
    edge: str
    text: str
    muted: str
    primary: str
    on_primary: str
    good: str
    attention: str
    stop: str
    practice: str
    on_practice: str


LIGHT = Colours(
    window="#F5F6F8",
    card="#FFFFFF",
    selected="#E6EFF8",
    line="#D5DAE1",
    edge="#7D8996",
    text="#17212B",
    muted="#52606D",
    primary="#0F5E9C",
    on_primary="#FFFFFF",
    good="#1B7040",
    attention="#8A5000",
    stop="#B3261E",
    practice="#6F3AA0",
    on_practice="#FFFFFF",
)
"""`primary` the one thing to do, `good` saved or safe, `attention` look at this, `stop` refused or danger,
`practice` the frame of practice mode. `line` parts things, `edge` is the outline of what can be typed in
or pressed (3 to 1 against the surfaces, which `line` need not have)."""

DARK = Colours(
    window="#11171D",
    card="#1A222B",
    selected="#22384C",
    line="#364450",
    edge="#75859A",
    text="#E8EDF2",
    muted="#A7B4C1",
    primary="#74B6F2",
    on_primary="#0B1A26",
    good="#63CC91",
    attention="#F0B35A",
    stop="#FF9086",
    practice="#CBA3EC",
    on_practice="#0B1A26",
)

TYPE = {"caption": 13, "body": 14, "strong": 16, "heading": 20, "number": 28}
"""Pixels at 100 per cent."""


class Look(NamedTuple):
    """What a member of staff chose: dark or light, size of type in per cent, language of the screens."""

    dark: bool = False
    scale: int = 100
    language: str = "es"

    @property
    def colours(self) -> Colours:
        return DARK if self.dark else LIGHT

    def px(self, at_100: float) -> int:
        return max(1, round(at_100 * self.scale / 100))

    def larger(self) -> int:
        return next((step for step in STEPS if step > self.scale), LARGEST)

    def smaller(self) -> int:
        return next((step for step in reversed(STEPS) if step < self.scale), SMALLEST)


def read_look(path: Path) -> Look:
    """The look kept beside the desk file, so that the unlock screen has it too. Unreadable: the usual one."""
    try:
        kept = dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines() if line)
        language = kept["language"] if kept["language"] in ("es", "en") else "es"
        return Look(
            dark=kept["dark"] == "yes", scale=min(LARGEST, max(SMALLEST, int(kept["scale"]))), language=language
        )
    except (OSError, ValueError, KeyError):
        return Look()


def keep_look(path: Path, look: Look) -> None:
    """Keep the look for the next start. It holds nothing about people; losing it loses nothing."""
    lines = (f"dark={'yes' if look.dark else 'no'}", f"scale={look.scale}", f"language={look.language}", "")
    try:
        path.write_text("\n".join(lines), "utf-8")
    except OSError:
        return


_now = Look()


def look() -> Look:
    """The look in force. Widgets that paint themselves ask each time they paint."""
    return _now


def apply(app: QApplication, chosen: Look) -> None:
    """Put the palette, the font and the stylesheet in force for every window."""
    global _now  # one look for the whole process, as Qt has one palette and one stylesheet
    same = _now._replace(language=chosen.language) == chosen and bool(app.styleSheet())
    _now = chosen
    if same:  # another language alone: what Qt goes through every widget for stays as it is
        return
    icon.cache_clear()
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setFont(_font(chosen))
    app.setPalette(_palette(chosen.colours))
    app.setStyleSheet(stylesheet(chosen))


def _font(chosen: Look) -> QFont:
    font = QFont(QApplication.font())
    if not _families():
        font.setFamilies([_own_font()])
    font.setPixelSize(chosen.px(TYPE["body"]))
    return font


@lru_cache(maxsize=1)
def _families() -> tuple[str, ...]:
    return tuple(QFontDatabase.families(QFontDatabase.WritingSystem.Latin))


@lru_cache(maxsize=1)
def _own_font() -> str:
    """DejaVu Sans from our own files, where the system has no font at all."""
    from importlib.resources import files

    data = files("returnee_desk.resources").joinpath("fonts", "DejaVuSans.ttf").read_bytes()
    QFontDatabase.addApplicationFontFromData(QByteArray(data))
    return "DejaVu Sans"


def _palette(c: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, c.window),
        (role.WindowText, c.text),
        (role.Base, c.card),
        (role.AlternateBase, c.window),
        (role.Text, c.text),
        (role.PlaceholderText, c.muted),
        (role.Button, c.card),
        (role.ButtonText, c.text),
        (role.Highlight, c.primary),
        (role.HighlightedText, c.on_primary),
        (role.ToolTipBase, c.card),
        (role.ToolTipText, c.text),
        (role.Link, c.primary),
        (role.Light, c.card),
        (role.Midlight, c.line),
        (role.Mid, c.line),
        (role.Dark, c.edge),
        (role.Shadow, c.edge),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(c.muted))
    return palette


_SHEET = Template("""
* { font-size: ${body}px; color: $text; }
QWidget#window, QWidget[surface="window"] { background: $window; }
QToolTip { background: $card; color: $text; border: 1px solid $edge; padding: 4px; }
QLabel { background: transparent; }
QLabel[kind="caption"] { font-size: ${caption}px; color: $muted; }
QLabel[kind="strong"] { font-size: ${strong}px; font-weight: 600; }
QLabel[kind="heading"] { font-size: ${heading}px; font-weight: 600; }
QLabel[kind="number"] { font-size: ${number}px; font-weight: 600; }
QLabel[tone="muted"] { color: $muted; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="attention"] { color: $attention; }
QLabel[tone="stop"] { color: $stop; }
QLabel[tone="primary"] { color: $primary; }
QLabel[tone="on_practice"] { color: $on_practice; font-weight: 600; }
QFrame[card="true"] { background: $card; border: 1px solid $line; border-radius: 6px; }
QFrame[card="attention"] { background: $card; border: 1px solid $attention; border-radius: 6px; }
QFrame[card="stop"] { background: $card; border: 2px solid $stop; border-radius: 6px; }
QFrame[card="primary"] { background: $selected; border: 1px solid $primary; border-radius: 6px; }
QFrame[card="popup"] { background: $card; border: 1px solid $edge; border-radius: 6px; }
QFrame#rail { background: $card; border: none; border-right: 1px solid $line; }
QFrame#header { background: $card; border: none; border-bottom: 1px solid $line; }
QFrame#status { background: $card; border: none; border-top: 1px solid $line; }
QFrame#foot { background: $window; border: none; border-top: 1px solid $line; }
QFrame#practice { background: $practice; border: none; }
QFrame[rule="true"] { background: $line; border: none; min-height: 1px; max-height: 1px; }
QFrame#chip { background: $selected; border: 1px solid $line; border-radius: 6px; }
QFrame[lamp="true"] { background: transparent; border: none; }

QLineEdit, QPlainTextEdit {
  background: $card; color: $text; border: 1px solid $edge; border-radius: 6px; padding: 0 8px;
  min-height: ${field}px; selection-background-color: $primary; selection-color: $on_primary;
  placeholder-text-color: $muted;
}
QPlainTextEdit { padding: 6px 8px; }
QLineEdit:focus, QPlainTextEdit:focus { border: 1px solid $primary; }
QLineEdit[wrong="true"] { border: 1px solid $stop; }
QLineEdit:disabled { color: $muted; background: $window; border: 1px solid $line; }
QLineEdit[grid="true"] { min-height: ${gridfield}px; padding: 0 6px; border-radius: 4px; }
QLineEdit[grid="true"][still="true"] { border: 1px solid transparent; background: transparent; }
QLineEdit[grid="true"][still="true"][wrong="true"] { border: 1px solid $stop; }

QPushButton {
  background: $card; color: $text; border: 1px solid $edge; border-radius: 6px;
  padding: 0 16px; min-height: ${field}px; outline: none;
}
QPushButton:hover { background: $selected; }
QPushButton:pressed { background: $line; }
QPushButton:disabled { color: $muted; border: 1px solid $line; background: $window; }
QPushButton[primary="true"] { background: $primary; color: $on_primary; border: 1px solid $primary; font-weight: 600; }
QPushButton[primary="true"]:hover { background: $primary_hover; }
QPushButton[primary="true"]:disabled { background: $line; color: $text; border: 1px solid $line; }
QPushButton[quiet="true"] { background: transparent; border: 1px solid transparent; color: $primary; padding: 0 8px; }
QPushButton[quiet="true"]:hover { background: $selected; }
QPushButton[quiet="true"]:disabled { color: $muted; }
QPushButton[rail="true"] {
  background: transparent; border: none; border-radius: 6px; text-align: left; padding: 0 12px;
  min-height: ${rail_button}px;
}
QPushButton[rail="true"]:hover { background: $selected; }
QPushButton[rail="true"]:checked { background: $selected; color: $primary; font-weight: 600; }
QPushButton[rail="icons"] {
  background: transparent; border: none; border-radius: 6px; padding: 0; min-height: ${rail_button}px;
}
QPushButton[rail="icons"]:hover { background: $selected; }
QPushButton[rail="icons"]:checked { background: $selected; }
QPushButton[row="true"] { text-align: left; padding: 0 12px; background: $card; border: 1px solid $line; }
QPushButton[row="true"]:hover { background: $selected; }

QCheckBox { spacing: 8px; min-height: ${field}px; }
QCheckBox::indicator {
  width: ${box}px; height: ${box}px; border: 1px solid $edge; border-radius: 4px; background: $card;
}
QCheckBox::indicator:checked { background: $primary; border: 1px solid $primary; }

QAbstractItemView {
  background: $card; border: 1px solid $line; border-radius: 6px; outline: none; gridline-color: transparent;
  selection-background-color: $selected; selection-color: $text;
}
QTableView::item, QListView::item { padding: 0 8px; border: none; border-bottom: 1px solid $line; }
QTableView::item:selected, QListView::item:selected { background: $selected; color: $text; }
QTableView[plain="true"] { border: none; border-radius: 0; }
QListView#completion { border: none; }
QListView#completion::item { border: none; min-height: ${line_height}px; padding: 2px 8px; }
QHeaderView { background: $card; border: none; }
QHeaderView::section {
  background: $card; color: $muted; border: none; border-bottom: 1px solid $line; padding: 0 11px;
  font-size: ${caption}px; font-weight: 400; min-height: ${row}px;
}
QProgressBar { background: $line; border: none; border-radius: 4px; max-height: 8px; min-height: 8px; }
QProgressBar::chunk { background: $primary; border-radius: 4px; }
QProgressBar[tone="good"]::chunk { background: $good; border-radius: 4px; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget#inside { background: transparent; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical { background: $edge; border-radius: 4px; min-height: 32px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal { background: $edge; border-radius: 4px; min-width: 32px; margin: 2px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: transparent; width: 0; height: 0;
}
""")


def stylesheet(chosen: Look) -> str:
    """The one stylesheet, made from the tokens. Margins that part fields do not grow with the type."""
    c = chosen.colours
    return _SHEET.substitute(
        {name: getattr(c, name) for name in c._fields},
        **{name: chosen.px(size) for name, size in TYPE.items()},
        primary_hover=QColor(c.primary).darker(112).name()
        if not chosen.dark
        else QColor(c.primary).lighter(108).name(),
        field=chosen.px(34),
        gridfield=chosen.px(30),
        row=chosen.px(36),
        line_height=chosen.px(28),
        rail_button=chosen.px(40),
        box=chosen.px(18),
    )


@lru_cache(maxsize=256)
def icon(name: str, tone: str = "text", size: int = 20) -> QIcon:
    """An outline icon in one of our colours, drawn at the size of the type in force."""
    pixels = look().px(size)
    return QIcon(_drawn(name, getattr(look().colours, tone), pixels, 2.0))


def pixmap(name: str, tone: str = "text", size: int = 20) -> QPixmap:
    """The same icon for a label, at 100 per cent of the screen's pixels."""
    pixels = look().px(size)
    return icon(name, tone, size).pixmap(QSize(pixels, pixels))


def _drawn(name: str, colour: str, pixels: int, ratio: float) -> QPixmap:
    from importlib.resources import files

    from PySide6.QtSvg import QSvgRenderer

    source = files("returnee_desk.resources").joinpath("icons", f"{name}.svg").read_text("utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", colour).encode()))
    drawn = QPixmap(round(pixels * ratio), round(pixels * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return drawn


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours, 1 to 21."""

    def light(colour: str) -> float:
        def channel(value: float) -> float:
            return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

        c = QColor(colour)
        return 0.2126 * channel(c.redF()) + 0.7152 * channel(c.greenF()) + 0.0722 * channel(c.blueF())

    first, second = sorted((light(one), light(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)
