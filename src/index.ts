/** The front door: everything that a graph may use. */
export { graph, type GraphDefinition, type GraphScope } from './model/graph.js';
export * from './model/vars.js';
export { z } from 'zod';
