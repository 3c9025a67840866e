/** Styles are emitted as files: the window's content-security policy forbids injected ones. */
export default { compilerOptions: { runes: true, css: "external" } };
