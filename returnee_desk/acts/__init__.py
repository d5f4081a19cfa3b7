"""What staff can do. Each act: what is there + what was asked → the writes of one operation, or Refused."""

from returnee_desk.acts.arrivals import close_arrival, correct_arrival, mark_row, open_arrival, set_arrival
from returnee_desk.acts.changing import consent, correct_family, note, void
from returnee_desk.acts.linking import distinct, same, unlink
from returnee_desk.acts.members import add_member, move_member, remove_member, split_family
from returnee_desk.acts.registering import register_family
from returnee_desk.acts.serving import deliver, undo
from returnee_desk.acts.staffing import add_user, remove_user

__all__ = [
    "add_member", "add_user", "close_arrival", "consent", "correct_arrival", "correct_family", "deliver", "distinct",
    "mark_row", "move_member", "note", "open_arrival", "register_family", "remove_member", "remove_user", "same",
    "set_arrival", "split_family", "undo", "unlink", "void",
]  # fmt: skip
