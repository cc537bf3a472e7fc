// Watches a page that shows texts of others: what they must never become, and what of them must not be hidden.
//
//   const watch = await watched(page, address);
//   ...                                             go from page to page
//   assert.deepEqual(await made_of_text(page), []);  elements, attributes, hidden characters
//   assert.deepEqual(watch.happened, []);            dialogs, other origins, the policy of content, errors

/** @returns {Promise<{happened: string[]}>} what happened that must not; it grows */
export async function watched(page, address) {
  const happened = [];
  page.on('dialog', (dialog) => { happened.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  page.on('pageerror', (error) => happened.push(`threw: ${error.message}`));
  page.on('console', (line) => {
    if (line.type() === 'error' && !/Failed to load resource/.test(line.text())) happened.push(`console: ${line.text().slice(0, 200)}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${address}/`) && !url.startsWith(`blob:${address}/`)) happened.push(`asked ${url.slice(0, 120)}`);
  });
  page.on('popup', () => happened.push('a window opened'));
  page.on('download', () => happened.push('a download began'));
  await page.exposeFunction('tellViolation', (what) => happened.push(`policy of content: ${what}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation',
    (event) => window.tellViolation(`${event.violatedDirective} ${event.blockedURI}`)));
  return { happened };
}

/** What stands in the document that no page of the console makes. @returns {Promise<string[]>} */
export const made_of_text = (page) => page.evaluate(() => {
  const HIDDEN = /[\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Noncharacter_Code_Point}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/u;
  const STRANGE = ['IMG', 'B', 'IFRAME', 'OBJECT', 'EMBED', 'BASE', 'TEMPLATE', 'STYLE', 'VIDEO', 'MATH', 'PORTAL'];
  const HERE = ['class', 'id', 'title', 'aria-label', 'value', 'placeholder', 'd', 'transform', 'style', 'content', 'for', 'data-key'];
  const out = [];
  for (const element of document.querySelectorAll('*')) {
    const tag = element.tagName.toUpperCase();
    if (STRANGE.includes(tag) || (tag === 'SCRIPT' && !element.src.startsWith(`${location.origin}/console/`))
      || (tag === 'META' && element.hasAttribute('http-equiv')) || (tag === 'FORM' && element.hasAttribute('action'))
      || (tag === 'LINK' && !element.href.startsWith(`${location.origin}/`))) out.push(`element ${element.outerHTML.slice(0, 120)}`);
    for (const { name, value } of element.attributes) {
      if (HIDDEN.test(value)) out.push(`hidden in ${tag} ${name}: ${value.slice(0, 60)}`);
      if (/^on/.test(name) || name === 'srcdoc' || name === 'formaction') out.push(`attribute ${tag} ${name}`);
      if (!HERE.includes(name) && /^\s*(javascript|data|vbscript):/i.test(value)) out.push(`address ${tag} ${name}`);
    }
    if (element.href && typeof element.href === 'string' && new URL(element.href).origin !== location.origin) out.push(`leads to ${element.href.slice(0, 80)}`);
    for (const node of element.childNodes) if (node.nodeType === 3 && HIDDEN.test(node.data)) out.push(`hidden in ${tag}: ${JSON.stringify(node.data.slice(0, 60))}`);
  }
  if (HIDDEN.test(document.title) || !/^(\(\d+\) )?[\w ]+ \u00b7 Pawl$/.test(document.title)) out.push(`title ${document.title}`);
  return out;
});

/** The marks of a place, as they are read aloud: [class, label], and their titles. */
export const marks_of = (place) => place.locator('mark.mark').evaluateAll((marks) => marks.map((mark) =>
  ({ hazard: /mark-(\w+)/.exec(mark.className)?.[1], label: mark.textContent, title: mark.title })));
