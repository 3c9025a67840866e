// Painted once the second frame begins, as the program's page counts it.
requestAnimationFrame(() => requestAnimationFrame(() => { document.title = "painted"; }));
