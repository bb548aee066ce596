// As much of PromQL as is needed to know which metrics an expression names, and by which labels.

export interface Named {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Expression {
  readonly metrics: readonly Named[];
  /** What it groups or joins by. */
  readonly grouping: readonly string[];
}

const STRING = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;
const RANGE = /\[[^\]]*\]/g;
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
/** Not the exponent of a number. */
const SELECTOR = /(?<![\w.])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(\s*\()?/g;
const LABEL = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g;
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'by', 'without', 'on', 'ignoring', 'inf', 'nan']);

export function readExpression(text: string): Expression {
  const grouping: string[] = [];
  const bare = text
    .replaceAll(STRING, '""')
    .replaceAll(RANGE, ' ')
    .replaceAll(GROUPING, (_, labels: string) => {
      grouping.push(
        ...labels
          .split(',')
          .map((label) => label.trim())
          .filter((label) => label !== ''),
      );
      return ' ';
    });
  const metrics = [...bare.matchAll(SELECTOR)]
    .filter(([, name, , call]) => call === undefined && !WORDS.has(name!.toLowerCase()))
    .map(([, metric, selector = '']) => ({
      metric: metric!,
      labels: [...selector.matchAll(LABEL)].map(([, label]) => label!),
    }));
  return { metrics, grouping };
}
