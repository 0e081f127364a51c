"""Facts about boards and sensors, and the Arduino platform of the emulated boards."""
