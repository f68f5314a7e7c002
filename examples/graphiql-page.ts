import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { type GraphiQLTab, graphiqlTabs } from './graphiql-tabs.ts';

/** GraphiQL without anything from elsewhere, with a tab for each example. */
export function createGraphiQLPage(): (options: object) => string {
  const defaultTabs = graphiqlTabs();
  const head = `${keepTabs}${storeFirst(defaultTabs[0])}</head>`;
  return (options) => renderGraphiQL({ ...options, defaultTabs }).replace('</head>', () => head);
}

/**
 * GraphiQL moves a tab that is pressed for the first time from under the pointer,
 * to where it was while the page was made, and its click is lost.
 */
const keepTabs = '<style>.graphiql-tab { transform: none !important; }</style>';

/**
 * GraphiQL takes the variables of the tab that is open from its storage. Without
 * them it shows none, and after a reload it has one tab more.
 */
function storeFirst({ query, variables }: GraphiQLTab): string {
  return `<script>
    if (!localStorage.getItem('graphiql:tabState')) {
      localStorage.setItem('graphiql:query', ${JSON.stringify(query)});
      localStorage.setItem('graphiql:variables', ${JSON.stringify(variables)});
    }
  </script>`;
}
