// The looks that the tour's steps show, and what was shown before the first of them: that stands
// there again when the tour is closed, unless somebody has chosen other looks meanwhile.

export class Stage {
  #before = null;
  #set = null;

  constructor(page) {
    this.page = page;
  }

  /** Show the looks of a step. Who moves about in the looks of one has not chosen others. */
  set(looks) {
    const { page } = this;
    if (!this.#set || peopleOf(page.shown) !== peopleOf(this.#set)) this.#before = page.shown;
    page.show(looks);
    this.#set = page.shown;
  }

  /** Show what was shown before, at its end; answers whether that was to be done. */
  clear() {
    const { page } = this, isAsSet = JSON.stringify(page.shown) === JSON.stringify(this.#set);
    this.#set = null;
    if (!isAsSet) return false;
    page.show(this.#before);
    for (const look of page.looks) look.atEnd = true;
    return true;
  }
}

const peopleOf = (looks) => looks.map((one) => one.person).join();
