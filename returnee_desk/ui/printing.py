"""PDF pages to the screen, to a printer or to a file. Nothing of them is written to disk on the way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QObject, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPageLayout, QPageSize, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from returnee_desk.errors import Refused, Unavailable
from returnee_desk.ui import theme

if TYPE_CHECKING:
    from PySide6.QtPdf import QPdfDocument
    from PySide6.QtPrintSupport import QPrinter

POINTS_PER_INCH = 72.0


class Pages(QWidget):
    """The pages of a PDF one under the other, as wide as there is room, as they will come out on paper."""

    def __init__(self) -> None:
        super().__init__()
        self._data = QByteArray()
        self._buffer: QBuffer | None = None
        self._document: QPdfDocument | None = None
        self._images: list[QImage] = []
        self._width = 0

    def show_pdf(self, pdf: bytes) -> None:
        self._data = QByteArray(pdf)
        self._document, self._buffer = _opened(self._data, self)
        self._images = []
        self._width = 0
        self._fit()

    def clear(self) -> None:
        self._document = None
        self._images = []
        self.setMinimumHeight(0)
        self.update()

    @property
    def count(self) -> int:
        return self._document.pageCount() if self._document is not None else 0

    def _fit(self) -> None:
        if self._document is None or self.width() == self._width:
            return
        self._width = self.width()
        ratio = self.devicePixelRatioF()
        self._images = []
        height = 0
        for page in range(self._document.pageCount()):
            size = self._document.pagePointSize(page)
            wide = min(self.width() - 2, theme.look().px(size.width() * 1.5))
            tall = wide * size.height() / size.width()
            image = _rendered(self._document, page, QSize(round(wide * ratio), round(tall * ratio)))
            image.setDevicePixelRatio(ratio)
            self._images.append(image)
            height += round(tall) + 12
        self.setMinimumHeight(height)
        self.update()

    def resizeEvent(self, event: object) -> None:
        self._fit()
        super().resizeEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            top = 0.0
            for image in self._images:
                size = image.deviceIndependentSize()
                left = max(0.0, (self.width() - size.width()) / 2)
                painter.drawImage(QRectF(left, top, size.width(), size.height()), image)
                painter.setPen(QPen(QColor(theme.look().colours.line), 1))
                painter.drawRect(QRectF(left, top, size.width() - 1, size.height() - 1))
                top += size.height() + 12


def _opened(data: QByteArray, parent: QObject) -> tuple[QPdfDocument, QBuffer]:
    from PySide6.QtPdf import QPdfDocument

    buffer = QBuffer(data, parent)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument(parent)
    document.load(buffer)
    return document, buffer


def _rendered(document: QPdfDocument, page: int, size: QSize) -> QImage:
    """White paper under the ink: a PDF page has no colour of its own."""
    ink = document.render(page, size)
    paper = QImage(ink.size(), QImage.Format.Format_RGB32)
    paper.fill(Qt.GlobalColor.white)
    painter = QPainter(paper)
    painter.drawImage(0, 0, ink)
    painter.end()
    return paper


def _printer() -> QPrinter:
    """The usual printer of this PC. Unavailable `no_printer` where there is none."""
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    usual = QPrinterInfo.defaultPrinter()
    if usual.isNull():
        available = QPrinterInfo.availablePrinters()
        if not available:
            raise Unavailable("no_printer")
        usual = available[0]
    return QPrinter(usual, QPrinter.PrinterMode.HighResolution)


def print_pdf(pdf: bytes, *, printer: QPrinter | None = None) -> None:
    """Send every page at its own size, at 100 per cent. Unavailable `no_printer`, `printer_failed`."""
    target = printer if printer is not None else _printer()
    data = QByteArray(pdf)
    holder = QObject()
    document, buffer = _opened(data, holder)
    target.setFullPage(True)
    painter = QPainter()
    try:
        for page in range(document.pageCount()):
            points = document.pagePointSize(page)
            target.setPageLayout(
                QPageLayout(
                    QPageSize(
                        QSizeF(points.width(), points.height()),
                        QPageSize.Unit.Point,
                        "",
                        QPageSize.SizeMatchPolicy.ExactMatch,
                    ),
                    QPageLayout.Orientation.Portrait,
                    QMarginsF(0, 0, 0, 0),
                )
            )
            if page == 0:
                if not painter.begin(target):
                    raise Unavailable("printer_failed")
            elif not target.newPage():
                raise Unavailable("printer_failed")
            dots = min(target.resolution(), 300) / POINTS_PER_INCH
            image = _rendered(document, page, QSize(round(points.width() * dots), round(points.height() * dots)))
            painter.drawImage(QRectF(target.pageLayout().fullRectPixels(target.resolution())), image)
    finally:
        if painter.isActive():
            painter.end()
        document.close()
        buffer.close()


def print_text(title: str, text: str) -> None:
    """A few large words on the usual paper: the recovery code. Refused `no_printer` where there is none."""
    try:
        target = _printer()
    except Unavailable as error:
        raise Refused(error.code) from error
    painter = QPainter()
    if not painter.begin(target):
        raise Refused("printer_failed")
    font = painter.font()
    font.setPointSize(16)
    painter.setFont(font)
    area = painter.viewport()
    painter.drawText(area, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), f"{title}\n\n{text}")
    painter.end()


def keep_pdf(pdf: bytes, target: Path) -> None:
    """Write the PDF where staff chose, for its owner alone. Unavailable `file_not_written`."""
    part = target.with_name(target.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(pdf)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Unavailable("file_not_written") from error
