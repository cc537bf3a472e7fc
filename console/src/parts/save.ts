// Saves what is shown as a file, made in the browser: nothing is asked for anew.

export function saveText(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function saveJson(name: string, value: unknown): void {
  saveText(name, 'application/json', `${JSON.stringify(value, null, 2)}\n`);
}
