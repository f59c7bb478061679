export interface Config {
  /** Who may be chosen on the demo's sign-in page. */
  demoSignIn?: {
    /** @deepVisibility frontend */
    people: Array<{
      /** Name of the User entity in the namespace `default`. */
      name: string;
      title: string;
      description: string;
    }>;
  };
}
