import ts from 'typescript';

/**
 * LuCI makes HTML of a child that is a string, and text of one that is in an array: so what a peer is called could
 * run in the page.
 */
const noHtml = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      child: 'LuCI parses a string as HTML: put it into an array, or use `el()`.',
      html: '{{name}} makes HTML of text.'
    }
  },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const mayBeString = (node) => {
      const parts = (type) => (type.isUnion() ? type.types.flatMap(parts) : [type]);
      const loose = ts.TypeFlags.StringLike | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
      return parts(program.getTypeChecker().getTypeAtLocation(esTreeNodeToTSNodeMap.get(node))).some(
        ({ flags }) => flags & loose
      );
    };
    const refuse = (node) => {
      if (node && mayBeString(node)) context.report({ node, messageId: 'child' });
    };
    return {
      'CallExpression[callee.name="E"]'({ arguments: [tag, ...children] }) {
        // A name of an element is a word; `<` begins HTML.
        if (tag?.type === 'Literal' && String(tag.value).startsWith('<'))
          context.report({ node: tag, messageId: 'html', data: { name: 'E()' } });
        children.forEach(refuse);
      },
      'CallExpression[callee.object.name="dom"][callee.property.name=/^(append|content)$/]'({
        arguments: args
      }) {
        refuse(args[1]);
      },
      'CallExpression[callee.object.name="dom"][callee.property.name="create"]'({ arguments: args }) {
        args.slice(1).forEach(refuse);
      },
      // A title is one, too: only our own words belong there.
      'CallExpression[callee.object.name="ui"][callee.property.name=/^(showModal|add(TimeLimited)?Notification)$/]'({
        arguments: [title, content]
      }) {
        const isOwn =
          title?.type === 'Literal' || (title?.type === 'CallExpression' && title.callee.name === '_');
        if (!isOwn) refuse(title);
        refuse(content);
      },
      'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|setHTMLUnsafe|srcdoc|parseFromString)$/]'(
        node
      ) {
        context.report({ node, messageId: 'html', data: { name: node.property.name } });
      },
      'CallExpression[callee.object.name="document"][callee.property.name=/^write(ln)?$/]'(node) {
        context.report({ node, messageId: 'html', data: { name: 'document.write' } });
      },
      'CallExpression[callee.object.name="dom"][callee.property.name="parse"]'(node) {
        context.report({ node, messageId: 'html', data: { name: 'dom.parse' } });
      }
    };
  }
};

export const luciPlugin = { rules: { 'no-html': noHtml } };
