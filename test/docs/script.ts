import ts from 'typescript';

/** A claim of a document: code and what it says the code gives. */
export interface Claim {
  readonly code: string;
  readonly value: string;
}

/**
 * The code blocks of a document as one script, run in their order. An expression followed by `// value` becomes `claim(index, () => …)`, and so
 * does a block of text that follows `<!-- output of: expression -->`.
 */
export function scriptOf(document: string): { script: string; claims: Claim[] } {
  const claims: Claim[] = [];
  const blocks = [
    ...document.matchAll(
      /<!-- output of: (.+) -->\n\n```text\n([\s\S]*?)\n```|```ts\n([\s\S]*?)```/g,
    ),
  ];
  const parts = blocks.map(([, expression, output, code]) => {
    if (code !== undefined) return withClaims(code, claims);
    claims.push({ code: expression!, value: JSON.stringify(output!) });
    return `claim(${claims.length - 1}, ${expression});\n`;
  });
  return { script: parts.join('\n'), claims };
}

function withClaims(code: string, claims: Claim[]): string {
  const source = ts.createSourceFile('block.ts', code, ts.ScriptTarget.ES2022, true);
  return source.statements
    .map((statement) => {
      const text = statement.getFullText();
      if (!ts.isExpressionStatement(statement)) return text;
      const [comment] = ts.getTrailingCommentRanges(code, statement.end) ?? [];
      if (!comment) return text;
      const expression = statement.expression.getText();
      claims.push({ code: expression, value: code.slice(comment.pos + 2, comment.end).trim() });
      return `\nclaim(${claims.length - 1}, ${expression});`;
    })
    .join('');
}

/** The script as the body of an async function: imports become `await load(…)`. */
export function bodyOf(script: string): string {
  const body = script.replace(
    /^import (\{[^}]*\}) from '([^']+)';$/gm,
    (_, names, specifier) => `const ${names} = await load('${specifier}');`,
  );
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(body, { compilerOptions: options }).outputText;
}
