import { defineOperation, notFound, type Operation } from './operation.ts';
import { listOf, pageQuery, userSchema } from './schemas.ts';

const tag = 'users';

const listUsers = defineOperation({
  operationId: 'listUsers',
  method: 'GET',
  path: '/users',
  summary: 'Lists users',
  tag,
  query: pageQuery,
  success: { status: 200, schema: listOf(userSchema) },
  handle: ({ users }, { query }) => ({ status: 200, body: { data: [...users.values()].slice(0, query.limit) } }),
});

const getUser = defineOperation({
  operationId: 'getUser',
  method: 'GET',
  path: '/users/{id}',
  summary: 'Shows a user',
  tag,
  success: { status: 200, schema: userSchema },
  failures: [404],
  handle: ({ users }, { id }) => {
    const user = users.get(id);
    return user === undefined ? notFound('user', id) : { status: 200, body: user };
  },
});

const deleteUser = defineOperation({
  operationId: 'deleteUser',
  method: 'DELETE',
  path: '/users/{id}',
  summary: 'Deletes a user; the payments stay',
  tag,
  success: { status: 204 },
  failures: [404],
  handle: ({ users }, { id }) => (users.delete(id) ? { status: 204 } : notFound('user', id)),
});

export const userOperations: readonly Operation[] = [listUsers, getUser, deleteUser];
