// The fields of a form that the bot opened: each draws itself, reads its value as the sandbox takes
// it (`presses.py`), and says in words what is wrong with it.

import { unsupportedComponent } from "./unsupported.js";
import { h, newId } from "../dom.js";
import { FileField } from "./modal_files.js";
import { SELECTS, chosenAtFirst, selectButton } from "./selects.js";
import { lengthOf, wrongLength } from "../text/lengths.js";
import { text } from "../text/text.js";

const ROW = 1, TEXT_INPUT = 4, TEXT_DISPLAY = 10, LABEL = 18;
const FILE_UPLOAD = 19, RADIO = 21, CHECKBOXES = 22, CHECKBOX = 23;
const PARAGRAPH = 2, LONGEST_TEXT = 4000;

/**
 * What stands in a form: `{elements, fields}`. A field has `name` (its custom id), `read()`,
 * `check()` (what is wrong, or "", and it says so), `focus()`, and for files also `take(files)` and
 * `settled()`.
 */
export function drawFields(components, look) {
  const fields = [];
  const add = (field) => { fields.push(field); return field.element; };
  const elements = components.flatMap((one) => {
    if (one.type === ROW) return one.components.map((inner) => add(fieldOf(inner, inner, look)));
    if (one.type === LABEL) return [add(fieldOf(one.component, one, look))];
    if (one.type === TEXT_DISPLAY) return [h("div", { class: "text" }, text(one.content, look))];
    return [unsupportedComponent(one.type)];
  });
  return { elements, fields: fields.filter((one) => one.name) };
}

/** A field under its label; `about` has the label and description. */
function fieldOf(component, about, look) {
  const make = MAKERS[component.type] ?? (SELECTS.has(component.type) ? selectField : null);
  if (!make) return { element: unsupportedComponent(component.type) };
  const id = newId("field");
  const field = make(component, look, {
    id, "aria-describedby": `${id}-about ${id}-fault`, required: isRequired(component),
  });
  return { name: component.custom_id, ...field, ...framed(field, component, about, id) };
}

const isRequired = (component) => component.required !== false && component.type !== CHECKBOX;

/** Label, description, the control itself and the line for what is wrong with it. */
function framed(field, component, about, id) {
  const fault = h("p", { class: "fault", id: `${id}-fault` });
  const label = [about.label, !isRequired(component) && component.type !== CHECKBOX
    && h("small", {}, " (optional)")];
  const described = h("p", { class: "form-about", id: `${id}-about` }, about.description);
  const inner = [described, field.control, field.counter, fault];
  const element = field.grouped
    ? h("fieldset", { class: "form-field", "aria-describedby": `${id}-about ${id}-fault` },
      h("legend", {}, label), inner)
    : h("div", { class: "form-field" }, h("label", { for: id, id: `${id}-label` }, label), inner);
  const say = (words) => {
    fault.textContent = words;
    const [first] = field.grouped ? [] : [element.querySelector(`[id="${id}"]`)];
    if (words) first?.setAttribute("aria-invalid", "true");
    else first?.removeAttribute("aria-invalid");
  };
  const fresh = () => {
    if (fault.textContent || field.refusal?.()) say(field.refusal?.() || field.fault());
  };
  for (const type of ["input", "change"]) element.addEventListener(type, fresh);
  return {
    element,
    check() {
      say(field.fault());
      return fault.textContent;
    },
    focus: () => element.querySelector("input, textarea, button").focus(),
  };
}

// -- one of each kind ----------------------------------------------------------------------------

function textField(component, _, { required, ...more }) {
  const { min_length: least, max_length: most } = component;
  const long = component.style === PARAGRAPH;
  const control = h(long ? "textarea" : "input", {
    ...more, placeholder: component.placeholder, "aria-required": required && "true",
    autocomplete: "off", ...(long ? { rows: "4" } : { type: "text" }),
  });
  control.value = component.value ?? "";
  const counter = h("p", { class: "counter" });
  const count = () => {
    const length = lengthOf(control.value), highest = most ?? LONGEST_TEXT;
    counter.textContent = highest < LONGEST_TEXT ? `${length} of ${most}` : "";
    counter.classList.toggle("over", length > highest);
  };
  control.addEventListener("input", count);
  count();
  const fault = () => {
    if (!control.value) return required ? "Please write something here." : "";
    const reason = wrongLength(control.value, { least, most, ceiling: LONGEST_TEXT });
    return reason.replace("takes", "Takes");
  };
  return { control, counter, read: () => control.value, fault };
}

function selectField(component, look, { required, id, ...more }) {
  let values = chosenAtFirst(component);
  const control = h("div");
  const least = required ? component.min_values ?? 1 : 0;
  const draw = () => control.replaceChildren(selectButton(component, look, values, pick,
    { ...more, id, least, "aria-labelledby": `${id}-label ${id}` }));
  const pick = (picked) => {
    values = picked;
    draw();
    control.firstChild.focus();
    control.dispatchEvent(new Event("change", { bubbles: true }));
  };
  draw();
  const most = component.max_values ?? 1;
  return { control, read: () => values, fault: () => countFault(values.length, least, most) };
}

function fileField(component, look, { required, ...more }) {
  const least = required ? component.min_values ?? 1 : 0;
  const files = new FileField(look, { ...more, most: component.max_values ?? 1 });
  return {
    control: files.element,
    read: () => files.ids,
    fault: () => {
      if (files.isBroken) return "Please take away what could not be sent.";
      return files.ids.length < least ? `Please add ${counted(least, "file")}.` : "";
    },
    refusal: () => files.refusal,
    take: (given) => files.take(given),
    settled: () => files.settled(),
  };
}

function radioField(component, _, { id, required }) {
  const boxes = component.options.map((one) => optionBox(one, "radio", id));
  const read = () => boxes.find(({ box }) => box.checked)?.box.value ?? null;
  return {
    grouped: true, control: boxes.map(({ element }) => element), read,
    fault: () => (required && read() === null ? "Please choose one." : ""),
  };
}

function checkboxesField(component, _, { id, required }) {
  const boxes = component.options.map((one) => optionBox(one, "checkbox", id));
  const read = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value);
  const least = required ? component.min_values ?? 1 : 0;
  const most = component.max_values ?? component.options.length;
  return {
    grouped: true, control: boxes.map(({ element }) => element), read,
    fault: () => countFault(read().length, least, most),
  };
}

function checkboxField(component, _, { id, "aria-describedby": describedBy }) {
  const control = h("input", {
    id, type: "checkbox", "aria-describedby": describedBy, checked: Boolean(component.default),
  });
  return { control, read: () => control.checked, fault: () => "" };
}

const MAKERS = {
  [TEXT_INPUT]: textField, [FILE_UPLOAD]: fileField, [RADIO]: radioField,
  [CHECKBOXES]: checkboxesField, [CHECKBOX]: checkboxField,
};

function optionBox({ value, label, description, default: marked }, type, name) {
  const box = h("input", { type, name, value, checked: Boolean(marked) });
  return {
    box,
    element: h("label", { class: "option" }, box,
      h("span", { class: "choice-words" }, label, description && h("small", {}, description))),
  };
}

function countFault(count, least, most) {
  if (count < least) return least === 1 ? "Please choose." : `Please choose at least ${least}.`;
  return count > most ? `At most ${most}, please.` : "";
}

const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
