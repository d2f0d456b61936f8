import { ConfigProvider, Layer } from "effect"

/** Configures a layer with these variables and no others. */
export const withConfig = (variables: Readonly<Record<string, string>>) =>
  Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))))
