// Temperature, humidity and air pressure.
#include <Arduino_HTS221.h>
#include <Arduino_LPS22HB.h>

void setup() {
  Serial.begin(115200);
  Serial.println(HTS.begin() && BARO.begin() ? "ready" : "no sensor");
}

void loop() {
  Serial.println(String(HTS.readTemperature()) + " " + HTS.readHumidity() + " " + String(BARO.readPressure(), 3) + " " +
                 BARO.readPressure(MILLIBAR) + " " + BARO.readTemperature() + " " + HTS.readTemperature(FAHRENHEIT));
  delay(100);
}
