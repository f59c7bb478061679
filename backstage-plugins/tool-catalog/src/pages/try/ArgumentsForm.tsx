import { useMemo } from 'react';
import Form from '@rjsf/core';
import type { RJSFSchema } from '@rjsf/utils';
import validator from '@rjsf/validator-ajv8';
import { Text } from '@backstage/ui';
import styles from './ArgumentsForm.module.css';

interface ArgumentsFormProps {
  /** JSON Schema of a server that may be hostile: it makes fields, and its texts are shown as text. */
  readonly schema: object;
  readonly value: object;
  readonly onChange: (value: object) => void;
}

/** Fields made from the tool's schema. The gateway and the server judge the values; the form only helps to fill them in. */
export const ArgumentsForm = ({ schema, value, onChange }: ArgumentsFormProps) => {
  const readable = useMemo(() => withoutDialect(schema), [schema]);
  if (Object.keys((readable.properties as object | undefined) ?? {}).length === 0)
    return <Text as="p">It takes no arguments. Use JSON if the server says otherwise.</Text>;
  return (
    <div className={styles.form}>
      <Form
        schema={readable}
        validator={validator}
        formData={value}
        noHtml5Validate
        liveValidate={false}
        uiSchema={{ 'ui:submitButtonOptions': { norender: true } }}
        onChange={({ formData }) => onChange((formData ?? {}) as object)}
        tagName="div"
      />
    </div>
  );
};

/** The validator knows drafts up to 7 by name; 2020-12 differs in nothing that makes a field. */
const withoutDialect = (schema: object): RJSFSchema => {
  const { $schema: _dialect, ...rest } = schema as { readonly $schema?: string };
  return rest as RJSFSchema;
};
